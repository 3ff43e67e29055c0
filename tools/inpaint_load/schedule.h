// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "core/names.h"

namespace inpaintd::tools {

/// How the rate of an open loop changes during the run.
enum class Profile : std::uint8_t {
  steady,    ///< the given rate throughout
  burst,     ///< of every 10 s, 8 s at half the rate and 2 s at three times the rate: the mean is the rate
  overload,  ///< twice the rate throughout
  ramp,      ///< in ten steps from a fifth of the rate to twice the rate
};

/// An interval in which requests are due at `factor` times the rate.
struct Phase {
  std::chrono::nanoseconds length{};
  double factor = 1;
};

/// The phases of a run: the warm-up at the first factor of the profile, but never above the rate, then the profile.
std::vector<Phase> make_phases(Profile profile, std::chrono::nanoseconds warmup, std::chrono::nanoseconds duration);

/// The times at which requests are due, counted from the start: evenly spaced, or a Poisson process whose rate follows
/// the phases. The same seed gives the same times.
class Arrivals {
 public:
  /// `rate`: requests per second, above 0. The factor of the last phase stays after its end; without phases it is 1.
  Arrivals(double rate, bool poisson, std::uint64_t seed, std::vector<Phase> phases = {});

  /// The time of the next request; never earlier than the previous one. The first is due at 0.
  std::chrono::nanoseconds next();

 private:
  const double rate_;
  const bool poisson_;
  const std::vector<Phase> phases_;
  std::mt19937_64 random_;
  double due_ = 0;  ///< of the next arrival, in requests: the integral of the rate over time
  std::size_t phase_ = 0;
  double phase_begin_ = 0;  ///< in requests, as `due_`
  double phase_begin_s_ = 0;
};

}  // namespace inpaintd::tools

namespace inpaintd {
template <>
struct EnumNames<tools::Profile> {
  static constexpr std::array<std::string_view, 4> names{"steady", "burst", "overload", "ramp"};
};
}  // namespace inpaintd
