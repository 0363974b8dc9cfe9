#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "records/text_format.hpp"

namespace vivace::records {

// What earlier runs left of a text output:
//
//   <path>                    the last run that finished
//   <path>.partial            a run that was interrupted: the records it carried over from the other files, then its
//   own <path>.previous.partial   that file, set aside while its records are carried over into a new <path>.partial
//
// While a `.previous.partial` exists, the `.partial` beside it holds nothing but copies. So a process may end at any
// instant and nothing is lost.

/// The files that together hold the records of an output, the older first. Empty where there is none.
std::vector<StoredFile> stored_files(const std::filesystem::path& output);

/// Renames the file of an interrupted run so that its name is free for a new one. Throws Error(unavailable) where the
/// run is not over.
void set_aside_partial(const std::filesystem::path& output);

/// Removes what `set_aside_partial` set aside.
void remove_set_aside(const std::filesystem::path& output);

/// Calls `visit` for every record of the files, which must have the fields of `schema` (null: any fields). Of records
/// with the same key in two files the newer file's counts.
void visit_stored(const TextFormat& format, const std::vector<StoredFile>& files,
                  const std::vector<std::string>& key_fields, const Schema* schema,
                  const std::function<void(const StoredRecord&)>& visit);

/// `read_existing` for a text format.
std::vector<ExistingRecord> read_stored(const TextFormat& format, const std::filesystem::path& output,
                                        const std::vector<std::string>& key_fields);

}  // namespace vivace::records
