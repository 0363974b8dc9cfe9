#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "library/database.hpp"
#include "library/statistics.hpp"

namespace vivace::library {

/// A track on the map of a report.
struct MapPoint {
  double x = 0;       ///< 0 … 1
  double y = 0;       ///< 0 … 1
  std::string title;  ///< what is known of it, for people
  std::string tag;    ///< its strongest one; empty where it has none
};

/// How a number is distributed.
struct Distribution {
  std::string name;  ///< "tempo"
  std::string unit;
  std::vector<double> values;
};

struct KeyCount {
  std::string key;
  std::string scale;
  std::int64_t tracks = 0;
};

struct FormatCount {
  std::string codec;
  std::string container;
  std::int64_t tracks = 0;
  double hours = 0;
};

/// What a report shows of a library. Parts of which the library knows nothing are empty.
struct ReportData {
  nlohmann::json statistics;
  std::string model;           ///< whose embeddings make the map
  std::size_t embeddings = 0;  ///< tracks that have one
  std::vector<MapPoint> map;   ///< of some thousands of them
  std::vector<Distribution> distributions;
  std::vector<KeyCount> keys;
  std::vector<FormatCount> formats;
  std::vector<FailedTrack> failures;  ///< the first thousand
  std::size_t failure_count = 0;
};

/// `model` as find_embeddings takes it; where that is empty and there are no embeddings, there is no map.
ReportData report_data(Database& database, const std::string& model);

}  // namespace vivace::library
