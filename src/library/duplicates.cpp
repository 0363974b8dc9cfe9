#include "library/duplicates.hpp"

#include <algorithm>
#include <map>

#include "base/log.hpp"
#include "library/content_hashes.hpp"
#include "library/query.hpp"
#include "library/results.hpp"

namespace vivace::library {
namespace {

std::vector<TrackFile> unhashed_of_equal_size(Database& database) {
  std::vector<TrackFile> tracks;
  Query rows(database,
             "SELECT id, path, size, mtime_ns FROM tracks WHERE state = 'present' AND content_hash IS NULL AND size IN "
             "(SELECT size FROM tracks WHERE state = 'present' GROUP BY size HAVING count(*) > 1)");
  while (rows.step()) tracks.push_back({rows.integer(0), rows.text(1), rows.integer(2), rows.integer(3)});
  return tracks;
}

}  // namespace

std::vector<DuplicateGroup> find_duplicates(Database& database) {
  const std::vector<TrackFile> unhashed = database.run([&] { return unhashed_of_equal_size(database); });
  for (const std::string& problem : hash_tracks(database, unhashed, {})) base::log(base::LogLevel::warning, problem);
  std::map<std::string, DuplicateGroup> by_content;
  database.run([&] {
    Query rows(database,
               "SELECT content_hash, path FROM tracks WHERE state = 'present' AND content_hash IN (SELECT content_hash "
               "FROM tracks WHERE state = 'present' GROUP BY content_hash HAVING count(*) > 1) ORDER BY path");
    while (rows.step()) {
      DuplicateGroup& group = by_content[rows.text(0)];
      group.content_hash = rows.text(0);
      group.paths.push_back(rows.text(1));
    }
  });
  std::vector<DuplicateGroup> groups;
  for (auto& [content, group] : by_content) groups.push_back(std::move(group));
  std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.paths < b.paths; });
  return groups;
}

}  // namespace vivace::library
