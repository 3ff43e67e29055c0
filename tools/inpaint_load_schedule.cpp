// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load_schedule.h"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace inpaintd::tools {

std::chrono::nanoseconds Arrivals::next() {
  const double due = poisson_ ? seconds_ : static_cast<double>(count_) / rate_;
  ++count_;
  if (poisson_) seconds_ += std::exponential_distribution<double>(rate_)(random_);
  return std::chrono::nanoseconds(std::llround(due * 1e9));
}

Priority PriorityMix::pick(std::mt19937_64& random) const {
  return static_cast<Priority>(std::discrete_distribution<int>(weights.begin(), weights.end())(random));
}

std::optional<PriorityMix> parse_priorities(std::string_view text) {
  PriorityMix mix{{0, 0, 0}};
  while (true) {
    const std::string_view part = text.substr(0, text.find(','));
    const std::size_t equals = part.find('=');
    const auto priority = from_name<Priority>(part.substr(0, equals));
    double weight = 1;
    if (equals != std::string_view::npos) {
      const char* end = part.data() + part.size();
      const auto [stop, failure] = std::from_chars(part.data() + equals + 1, end, weight);
      if (failure != std::errc() || stop != end || !(weight >= 0 && weight <= 1e6)) return std::nullopt;
    }
    if (!priority) return std::nullopt;
    mix.weights[static_cast<std::size_t>(*priority)] = weight;
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
  }
  if (std::accumulate(mix.weights.begin(), mix.weights.end(), 0.0) <= 0) return std::nullopt;
  return mix;
}

}  // namespace inpaintd::tools
