#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vivace::jobs {

/// The items that the arguments of a command name: a file stands for itself (whatever its name), a folder for all files
/// below it whose extension is in `extensions` (lower case, with the dot; compared without case), in natural order.
/// Links to files are followed; folders reached twice through links are read once; hidden entries, devices and pipes
/// are passed over. What cannot be looked at stays in the list, so that the job reports it as failed: arguments that do
/// not exist, dangling links, entries of unknown type, folders that cannot be read.
std::vector<std::filesystem::path> scan(const std::vector<std::filesystem::path>& arguments,
                                        const std::vector<std::string>& extensions);

/// Extensions of audio files that a folder is searched for.
const std::vector<std::string>& audio_extensions();

}  // namespace vivace::jobs
