// SPDX-License-Identifier: Apache-2.0
#include "tools/inpaint_load/schedule.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace inpaintd::tools {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

double seconds(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

void add_bursts(std::vector<Phase>& phases, nanoseconds duration) {
  while (duration > 0ns) {
    for (const Phase& phase : {Phase{8s, 0.5}, Phase{2s, 3}}) {
      phases.push_back({std::min(phase.length, duration), phase.factor});
      duration -= phases.back().length;
    }
  }
}

}  // namespace

std::vector<Phase> make_phases(Profile profile, nanoseconds warmup, nanoseconds duration) {
  std::vector<Phase> phases;
  switch (profile) {
    case Profile::steady:
      phases = {{warmup, 1}, {duration, 1}};
      break;
    case Profile::overload:
      phases = {{warmup, 1}, {duration, 2}};
      break;
    case Profile::burst:
      phases = {{warmup, 0.5}};
      add_bursts(phases, duration);
      break;
    case Profile::ramp:
      phases = {{warmup, 0.2}};
      for (int step = 1; step <= 10; ++step) phases.push_back({duration / 10, 0.2 * step});
      break;
  }
  std::erase_if(phases, [](const Phase& phase) { return phase.length <= 0ns; });
  return phases;
}

Arrivals::Arrivals(double rate, bool poisson, std::uint64_t seed, std::vector<Phase> phases)
    : rate_(rate),
      poisson_(poisson),
      phases_(phases.empty() ? std::vector<Phase>{{1ns, 1}} : std::move(phases)),
      random_(seed) {}

nanoseconds Arrivals::next() {
  const auto requests = [this] { return rate_ * phases_[phase_].factor * seconds(phases_[phase_].length); };
  while (phase_ + 1 < phases_.size() && due_ > phase_begin_ + requests()) {
    phase_begin_ += requests();
    phase_begin_s_ += seconds(phases_[phase_].length);
    ++phase_;
  }
  const double due = phase_begin_s_ + (due_ - phase_begin_) / (rate_ * phases_[phase_].factor);
  due_ += poisson_ ? std::exponential_distribution<double>(1)(random_) : 1;
  return nanoseconds(std::llround(due * 1e9));
}

}  // namespace inpaintd::tools
