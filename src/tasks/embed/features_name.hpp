#pragma once

#include <string>

#include "model/manifest.hpp"

namespace vivace::embed {

/// What an extractor is fed, in one line for people and for stored vectors, e.g.
/// "log-mel 96 bands 512/256 at 16000 Hz, patches 187/93 #4d0f9a2c": the digits after '#' are the start of a SHA-256 of
/// all settings of the manifest that change vectors, so two names are equal only where vectors can be compared. With
/// `essentia_compatible` " as Essentia" follows.
std::string features_name(const model::Manifest& extractor, bool essentia_compatible);

}  // namespace vivace::embed
