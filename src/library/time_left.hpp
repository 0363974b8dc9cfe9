#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace vivace::library {

/// Foretells how long a job still takes, from the sizes of files and the time that those of their kind took. A kind is
/// an extension: a byte of MP3 costs many times what a byte of WAV costs. Not thread-safe.
class TimeLeft {
 public:
  /// A file that is to be done.
  void expect(const std::string& kind, std::int64_t bytes);
  /// One that this process did, in `busy_s` seconds of one worker, rests included.
  void done(const std::string& kind, std::int64_t bytes, double busy_s);
  /// One that another process did.
  void done_elsewhere(const std::string& kind, std::int64_t bytes);

  /// Seconds; nothing before the first is done. `wall_s` have passed, `under_way_s` is the time of workers that went
  /// into files not yet done.
  std::optional<double> seconds(double wall_s, double under_way_s) const;

 private:
  struct Kind {
    std::int64_t left_files = 0;
    std::int64_t left_bytes = 0;
    std::int64_t files = 0;  // done here
    std::int64_t bytes = 0;
    double busy_s = 0;
    std::int64_t elsewhere_files = 0;
    std::int64_t elsewhere_bytes = 0;
  };

  std::map<std::string, Kind> kinds_;
};

}  // namespace vivace::library
