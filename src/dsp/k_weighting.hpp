#pragma once

#include "dsp/biquad.hpp"

namespace vivace::dsp {

/// The two filters of ITU-R BS.1770, one after the other: a shelf for the head, then a high-pass.
struct KWeighting {
  Biquad shelf;
  Biquad high_pass;  ///< b = (1, -2, 1)
};

/// K-weighting at `sample_rate` Hz. At 48 kHz it equals the tables of BS.1770-4; at other rates it is the bilinear
/// transform of the same analogue filters, as in libebur128.
KWeighting k_weighting(int sample_rate);

}  // namespace vivace::dsp
