#pragma once

#include "media/ffmpeg_handles.hpp"

namespace vivace::media {

/// Gives the frames of a stream that changes its rate or channels midway (chained Ogg, broadcast recordings) the form
/// of its first frame. Frames that have it pass untouched. The few samples that the rate filter holds at a change back,
/// or at the end, are lost.
class StreamAdapter {
 public:
  explicit StreamAdapter(const AVFrame& first);
  StreamAdapter(const StreamAdapter&) = delete;
  StreamAdapter& operator=(const StreamAdapter&) = delete;
  ~StreamAdapter();

  /// Returns `frame` or its converted form, which lives until the next call; null where it cannot be converted.
  const AVFrame* adapt(const AVFrame& frame);

 private:
  bool has_first_form(const AVFrame& frame) const;

  int sample_rate_;
  AVChannelLayout layout_{};
  SwrHandle swr_;
  FrameHandle converted_;
};

}  // namespace vivace::media
