#include "bench/report_remarks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "bench/judgement.hpp"
#include "page/html.hpp"

namespace vivace::bench {
namespace {

using page::html_text;

/// Something that is said of runs, and their names.
struct Remark {
  std::string text;
  std::vector<std::string> names;
};

/// Remarks in the order in which they are first made.
class Remarks {
 public:
  void add(std::string text, const std::string& name) {
    const auto same = [&](const Remark& remark) { return remark.text == text; };
    auto found = std::find_if(remarks_.begin(), remarks_.end(), same);
    if (found == remarks_.end()) found = remarks_.insert(found, {std::move(text), {}});
    found->names.push_back(name);
  }

  std::string section_html(const char* css, const char* title) const {
    if (remarks_.empty()) return "";
    std::string items;
    for (const auto& [text, names] : remarks_) {
      items += fmt::format("<li>{}<br><span class=\"soft\">{}</span></li>\n", html_text(text),
                           html_text(fmt::format("{}", fmt::join(names, " · "))));
    }
    return fmt::format("<section class=\"{}\">\n<h2>{}</h2>\n<ul>\n{}</ul>\n</section>\n", css, title, items);
  }

 private:
  std::vector<Remark> remarks_;
};

/// A problem without what the heading above it says.
std::string reason_of(const std::string& problem) {
  return problem.starts_with(kCouldNotRun) ? problem.substr(std::string_view(kCouldNotRun).size()) : problem;
}

}  // namespace

std::string remarks_html(const std::vector<ReportRun>& runs) {
  Remarks unmeasured;
  Remarks untrusted;
  Remarks notes;
  for (const ReportRun& run : runs) {
    const bool was_measured = !run.run->samples.empty();
    for (const std::string& problem : run.run->problems) {
      if (was_measured) {
        untrusted.add(problem, run.name);
      } else {
        unmeasured.add(reason_of(problem), run.name);
      }
    }
    for (const std::string& note : run.run->notes) notes.add(note, run.name);
  }
  return unmeasured.section_html("problems", "Not measured") +
         untrusted.section_html("problems", "⚠ Not to be trusted") + notes.section_html("notes", "Notes");
}

}  // namespace vivace::bench
