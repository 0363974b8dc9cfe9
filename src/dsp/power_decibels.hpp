#pragma once

#include <span>

namespace vivace::dsp {

/// Replaces powers by decibels, 10 log10(max(power, 1e-10)): librosa's power_to_db with ref 1 and amin 1e-10, before
/// top_db. Powers are finite. Error below 2e-5 dB.
void to_decibels(std::span<float> powers);

}  // namespace vivace::dsp
