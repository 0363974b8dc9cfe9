#pragma once

#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
}

#include "vivace/error.hpp"

namespace vivace::media {

/// Frees what FFmpeg frees through a pointer to the pointer.
template <auto free_function>
struct FfmpegDeleter {
  template <typename Object>
  void operator()(Object* object) const {
    free_function(&object);
  }
};

using FormatHandle = std::unique_ptr<AVFormatContext, FfmpegDeleter<avformat_close_input>>;
using CodecHandle = std::unique_ptr<AVCodecContext, FfmpegDeleter<avcodec_free_context>>;
using PacketHandle = std::unique_ptr<AVPacket, FfmpegDeleter<av_packet_free>>;
using FrameHandle = std::unique_ptr<AVFrame, FfmpegDeleter<av_frame_free>>;
using SwrHandle = std::unique_ptr<SwrContext, FfmpegDeleter<swr_free>>;

/// Passes an AVERROR on, other than that memory ran out: this throws Error(resource_exhausted).
inline int checked_memory(int status) {
  if (status == AVERROR(ENOMEM)) throw Error(ErrorCode::resource_exhausted, "FFmpeg ran out of memory");
  return status;
}

/// FFmpeg's allocators return null only where memory ran out.
template <typename Object>
Object* allocated(Object* object) {
  if (object == nullptr) checked_memory(AVERROR(ENOMEM));
  return object;
}

}  // namespace vivace::media
