#include "media/stream_adapter.hpp"

extern "C" {
#include <libavutil/channel_layout.h>
}

namespace vivace::media {

StreamAdapter::StreamAdapter(const AVFrame& first)
    : sample_rate_(first.sample_rate), converted_(allocated(av_frame_alloc())) {
  checked_memory(av_channel_layout_copy(&layout_, &first.ch_layout));
}

StreamAdapter::~StreamAdapter() { av_channel_layout_uninit(&layout_); }

bool StreamAdapter::has_first_form(const AVFrame& frame) const {
  return frame.sample_rate == sample_rate_ && frame.ch_layout.nb_channels == layout_.nb_channels;
}

const AVFrame* StreamAdapter::adapt(const AVFrame& frame) {
  if (has_first_form(frame)) return &frame;
  if (!swr_) swr_.reset(allocated(swr_alloc()));
  av_frame_unref(converted_.get());
  converted_->sample_rate = sample_rate_;
  converted_->format = AV_SAMPLE_FMT_FLTP;
  checked_memory(av_channel_layout_copy(&converted_->ch_layout, &layout_));
  int status = swr_convert_frame(swr_.get(), converted_.get(), &frame);
  if ((status & AVERROR_INPUT_CHANGED) == AVERROR_INPUT_CHANGED) {
    swr_close(swr_.get());
    status = swr_convert_frame(swr_.get(), converted_.get(), &frame);
  }
  if (checked_memory(status) < 0) return nullptr;
  converted_->pts = frame.pts;
  return converted_.get();
}

}  // namespace vivace::media
