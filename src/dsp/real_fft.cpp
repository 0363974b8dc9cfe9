#include "dsp/real_fft.hpp"

#include <fmt/format.h>
#include <kiss_fftr.h>

#include <bit>
#include <cstdlib>
#include <new>

#include "vivace/error.hpp"

extern "C" {
#include <libavutil/tx.h>
}

namespace vivace::dsp {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLargestSize = std::size_t{1} << 20;

}  // namespace

class RealFft::Transform {
 public:
  virtual ~Transform() = default;
  virtual void run(float* src, std::complex<float>* dst) = 0;
};

class RealFft::AvTransform : public Transform {
 public:
  explicit AvTransform(std::size_t size) : last_bin_(size / 2) {
    const float scale = 1;
    if (av_tx_init(&ctx_, &function_, AV_TX_FLOAT_RDFT, 0, static_cast<int>(size), &scale, 0) < 0) {
      throw Error(ErrorCode::internal, fmt::format("no transform of {} points", size));
    }
  }
  AvTransform(const AvTransform&) = delete;
  AvTransform& operator=(const AvTransform&) = delete;
  ~AvTransform() override { av_tx_uninit(&ctx_); }
  /// Some versions of libavutil leave the imaginary part of the last bin, which is 0 for real signals, unwritten.
  void run(float* src, std::complex<float>* dst) override {
    function_(ctx_, dst, src, sizeof(float));
    dst[last_bin_].imag(0);
  }

 private:
  std::size_t last_bin_;
  AVTXContext* ctx_ = nullptr;
  av_tx_fn function_ = nullptr;
};

class RealFft::KissTransform : public Transform {
 public:
  explicit KissTransform(std::size_t size) : ctx_(kiss_fftr_alloc(static_cast<int>(size), 0, nullptr, nullptr)) {
    if (ctx_ == nullptr) throw std::bad_alloc();
  }
  KissTransform(const KissTransform&) = delete;
  KissTransform& operator=(const KissTransform&) = delete;
  ~KissTransform() override { kiss_fftr_free(ctx_); }
  void run(float* src, std::complex<float>* dst) override {
    static_assert(sizeof(kiss_fft_cpx) == sizeof(std::complex<float>));
    kiss_fftr(ctx_, src, reinterpret_cast<kiss_fft_cpx*>(dst));
  }

 private:
  kiss_fftr_cfg ctx_;
};

void RealFft::AlignedFree::operator()(float* memory) const { std::free(memory); }

RealFft::RealFft(std::size_t size) : size_(size) {
  if (size < 2 || size % 2 != 0 || size > kLargestSize) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("a transform of {} points: the length must be even, 2 to {}", size, kLargestSize));
  }
  // libavutil's small real transforms are wrong or missing below 16 points in some versions.
  if (std::has_single_bit(size) && size >= 16) {
    transform_ = std::make_unique<AvTransform>(size);
  } else {
    transform_ = std::make_unique<KissTransform>(size);
  }
  const std::size_t input_floats = (size + 15) / 16 * 16;
  const std::size_t output_floats = (size + 2 + 15) / 16 * 16;
  auto* memory = static_cast<float*>(std::aligned_alloc(kAlignment, (input_floats + output_floats) * sizeof(float)));
  if (memory == nullptr) throw std::bad_alloc();
  memory_.reset(memory);
  input_ = {memory, size};
  output_ = {reinterpret_cast<std::complex<float>*>(memory + input_floats), size / 2 + 1};
}

RealFft::RealFft(RealFft&&) noexcept = default;
RealFft& RealFft::operator=(RealFft&&) noexcept = default;
RealFft::~RealFft() = default;

std::span<const std::complex<float>> RealFft::forward() {
  transform_->run(input_.data(), output_.data());
  return output_;
}

}  // namespace vivace::dsp
