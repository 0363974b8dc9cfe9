#include "page/html.hpp"

#include <gtest/gtest.h>

namespace vivace::page {
namespace {

TEST(HtmlText, ShowsAnyBytesAsText) {
  EXPECT_EQ(html_text("<a href=\"x\">&'\n"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39; ");
  EXPECT_EQ(html_text("\xFF"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace vivace::page
