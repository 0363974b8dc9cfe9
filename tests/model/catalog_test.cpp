#include "model/catalog.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/sha256.hpp"
#include "model/manifest.hpp"
#include "support/environment.hpp"

namespace vivace::model {
namespace {

TEST(Catalog, EveryEntryIsCompleteAndItsGraphPinned) {
  std::set<std::string> names;
  for (const CatalogEntry& entry : catalog()) {
    SCOPED_TRACE(entry.name);
    EXPECT_TRUE(is_model_name(entry.name));
    EXPECT_TRUE(names.insert(entry.name).second);
    EXPECT_FALSE(entry.description.empty() || entry.licence.empty() || entry.licence_url.empty());
    EXPECT_TRUE(base::is_sha256(entry.graph.sha256));
    EXPECT_GT(entry.graph.bytes, 0U);
    EXPECT_GT(entry.metadata.bytes, 0U);
  }
}

TEST(Catalog, AddressesFollowThePublishersPattern) {
  const test::ScopedEnvironment base("VIVACE_MODEL_BASE_URL", std::nullopt);
  EXPECT_EQ(catalog_url(find_in_catalog("danceability-discogs-effnet")->graph),
            "https://essentia.upf.edu/models/classification-heads/danceability/danceability-discogs-effnet-1.onnx");
  EXPECT_EQ(catalog_url(find_in_catalog("discogs-effnet")->metadata),
            "https://essentia.upf.edu/models/feature-extractors/discogs-effnet/discogs-effnet-bsdynamic-1.json");
}

TEST(Catalog, MirrorReplacesThePublisher) {
  const test::ScopedEnvironment base("VIVACE_MODEL_BASE_URL", "http://mirror.example/essentia/");
  EXPECT_EQ(catalog_url({"a/b.onnx", 1, ""}), "http://mirror.example/essentia/a/b.onnx");
}

TEST(Catalog, UnknownNameHasNoEntry) { EXPECT_EQ(find_in_catalog("discogs"), nullptr); }

}  // namespace
}  // namespace vivace::model
