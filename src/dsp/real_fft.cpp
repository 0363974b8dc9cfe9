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

enum class Direction { forward, inverse };

}  // namespace

/// A transform between a signal and its bins, with aligned memory for both.
class RealTransform {
 public:
  static std::unique_ptr<RealTransform> make(std::size_t size, Direction direction);
  RealTransform(const RealTransform&) = delete;
  RealTransform& operator=(const RealTransform&) = delete;
  virtual ~RealTransform() = default;

  std::span<float> signal() { return signal_; }
  std::span<std::complex<float>> bins() { return bins_; }
  virtual void run() = 0;

 protected:
  explicit RealTransform(std::size_t size) {
    const std::size_t signal_floats = (size + 15) / 16 * 16;
    const std::size_t bins_floats = (size + 2 + 15) / 16 * 16;
    const std::size_t bytes = (signal_floats + bins_floats) * sizeof(float);
    memory_.reset(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
    if (!memory_) throw std::bad_alloc();
    signal_ = {memory_.get(), size};
    bins_ = {reinterpret_cast<std::complex<float>*>(memory_.get() + signal_floats), size / 2 + 1};
  }

 private:
  struct Free {
    void operator()(float* memory) const { std::free(memory); }
  };

  std::unique_ptr<float[], Free> memory_;
  std::span<float> signal_;
  std::span<std::complex<float>> bins_;
};

namespace {

class AvTransform : public RealTransform {
 public:
  AvTransform(std::size_t size, Direction direction)
      : RealTransform(size), is_inverse_(direction == Direction::inverse) {
    const float scale = 1;
    if (av_tx_init(&ctx_, &function_, AV_TX_FLOAT_RDFT, is_inverse_ ? 1 : 0, static_cast<int>(size), &scale, 0) < 0) {
      throw Error(ErrorCode::internal, fmt::format("no transform of {} points", size));
    }
  }
  ~AvTransform() override { av_tx_uninit(&ctx_); }

  void run() override {
    if (is_inverse_) {
      function_(ctx_, signal().data(), bins().data(), sizeof(std::complex<float>));
    } else {
      function_(ctx_, bins().data(), signal().data(), sizeof(float));
      // Some versions of libavutil leave the imaginary part of the last bin, which is 0 for real signals, unwritten.
      bins().back().imag(0);
    }
  }

 private:
  bool is_inverse_;
  AVTXContext* ctx_ = nullptr;
  av_tx_fn function_ = nullptr;
};

class KissTransform : public RealTransform {
 public:
  KissTransform(std::size_t size, Direction direction)
      : RealTransform(size),
        is_inverse_(direction == Direction::inverse),
        ctx_(kiss_fftr_alloc(static_cast<int>(size), is_inverse_ ? 1 : 0, nullptr, nullptr)) {
    if (ctx_ == nullptr) throw std::bad_alloc();
  }
  ~KissTransform() override { kiss_fftr_free(ctx_); }

  void run() override {
    static_assert(sizeof(kiss_fft_cpx) == sizeof(std::complex<float>));
    auto* bins_of_kiss = reinterpret_cast<kiss_fft_cpx*>(bins().data());
    if (is_inverse_) {
      kiss_fftri(ctx_, bins_of_kiss, signal().data());
    } else {
      kiss_fftr(ctx_, signal().data(), bins_of_kiss);
    }
  }

 private:
  bool is_inverse_;
  kiss_fftr_cfg ctx_;
};

}  // namespace

std::unique_ptr<RealTransform> RealTransform::make(std::size_t size, Direction direction) {
  if (size < 2 || size % 2 != 0 || size > kLargestSize) {
    throw Error(ErrorCode::invalid_argument,
                fmt::format("a transform of {} points: the length must be even, 2 to {}", size, kLargestSize));
  }
  // libavutil's small real transforms are wrong or missing below 16 points in some versions.
  if (std::has_single_bit(size) && size >= 16) return std::make_unique<AvTransform>(size, direction);
  return std::make_unique<KissTransform>(size, direction);
}

RealFft::RealFft(std::size_t size) : size_(size), transform_(RealTransform::make(size, Direction::forward)) {}
RealFft::RealFft(RealFft&&) noexcept = default;
RealFft& RealFft::operator=(RealFft&&) noexcept = default;
RealFft::~RealFft() = default;

std::span<float> RealFft::input() { return transform_->signal(); }

std::span<const std::complex<float>> RealFft::forward() {
  transform_->run();
  return transform_->bins();
}

InverseRealFft::InverseRealFft(std::size_t size)
    : size_(size), transform_(RealTransform::make(size, Direction::inverse)) {}
InverseRealFft::InverseRealFft(InverseRealFft&&) noexcept = default;
InverseRealFft& InverseRealFft::operator=(InverseRealFft&&) noexcept = default;
InverseRealFft::~InverseRealFft() = default;

std::span<std::complex<float>> InverseRealFft::input() { return transform_->bins(); }

std::span<const float> InverseRealFft::inverse() {
  transform_->run();
  return transform_->signal();
}

}  // namespace vivace::dsp
