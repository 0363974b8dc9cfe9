#include "media/ffmpeg_log.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace vivace::media {
namespace {

thread_local std::array<char, 256> first_error{};

void remember_first_error(void*, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_ERROR || first_error.front() != '\0') return;
  std::vsnprintf(first_error.data(), first_error.size(), format, arguments);
}

std::string version_text(const char* library, unsigned version) {
  return fmt::format("{} {}.{}.{}", library, AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version),
                     AV_VERSION_MICRO(version));
}

}  // namespace

void silence_ffmpeg() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(remember_first_error); });
}

void forget_ffmpeg_errors() { first_error.front() = '\0'; }

std::string ffmpeg_reason(int code) {
  std::string reason = first_error.data();
  if (reason.empty()) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> meaning{};
    av_strerror(code, meaning.data(), meaning.size());
    reason = meaning.data();
  }
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == '.')) reason.pop_back();
  return reason;
}

std::string ffmpeg_versions() {
  return version_text("libavformat", avformat_version()) + ", " + version_text("libavcodec", avcodec_version());
}

}  // namespace vivace::media
