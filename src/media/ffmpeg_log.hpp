#pragma once

#include <string>

namespace vivace::media {

/// Keeps FFmpeg from printing, for the whole process. What it reports as an error is remembered per thread.
void silence_ffmpeg();

/// Forgets what this thread remembers.
void forget_ffmpeg_errors();

/// Why the last FFmpeg call on this thread failed: the first error it reported since `forget_ffmpeg_errors`, else the
/// meaning of `code` (an AVERROR).
std::string ffmpeg_reason(int code);

/// The versions of the FFmpeg libraries in use, e.g. "libavformat 59.27.100, libavcodec 59.37.100".
std::string ffmpeg_versions();

}  // namespace vivace::media
