#pragma once

#include <filesystem>
#include <string>

#include "media/ffmpeg_handles.hpp"
#include "media/input_file.hpp"

namespace vivace::media {

/// Opens a container and delivers the packets of its first real audio stream. Only containers that can hold their audio
/// themselves are read: no play lists, no references to other files.
class AudioDemuxer {
 public:
  enum class Result { packet, damage, end };

  /// `keep_priming`: delivers also the packets that an edit list of an MP4 file leaves out.
  /// Throws Error as InputFile does; corrupt_data where the file is not audio or its header is damaged.
  AudioDemuxer(const std::filesystem::path& path, bool keep_priming);

  const InputFile& file() const { return file_; }
  const AVFormatContext& format() const { return *format_; }
  const AVStream& stream() const { return *stream_; }
  /// Name of the container, e.g. "mp3".
  std::string container() const { return format_->iformat->name; }

  /// Reads the next packet of the stream. `damage` is worth another try. Throws Error(unavailable) for a failing disk.
  Result read(AVPacket& packet);

 private:
  void open(bool keep_priming);
  AVStream* first_audio_stream() const;
  void choose_stream();
  [[noreturn]] void fail(const std::string& why) const;

  InputFile file_;
  FormatHandle format_;
  AVStream* stream_ = nullptr;
};

}  // namespace vivace::media
