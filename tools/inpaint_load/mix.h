// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/request.h"

namespace inpaintd::tools {

/// A side of the square pictures, and its share.
struct SideWeight {
  int side = 512;
  double weight = 1;

  friend bool operator==(const SideWeight&, const SideWeight&) = default;
};

/// What the requests of a run are like. Shares are 0..1.
struct Mix {
  std::vector<double> priorities{0, 1, 0};  ///< weights of high, normal, low
  std::vector<SideWeight> sides{{}};
  double poison = 0;        ///< broken pictures and impossible masks, in equal parts: must be refused
  double cancel = 0;        ///< given up by us while they wait or run
  double repeat = 0;        ///< picture and mask are among `repeated_inputs` that come again and again
  double repeat_masks = 0;  ///< only the mask is
};

std::vector<int> sides_of(const Mix& mix);

inline constexpr std::size_t repeated_inputs = 4;
inline constexpr std::chrono::milliseconds cancel_within{500};

/// Reads "low", or "high=1,normal=8,low=1"; nothing when it is neither.
std::optional<std::vector<double>> parse_priorities(std::string_view text);

/// Reads "512", "256,512" (equal shares), or "256=3,512=1"; nothing when it is neither, or a side is not 16..4096.
std::optional<std::vector<SideWeight>> parse_sides(std::string_view text);

/// What is meant to become of a request.
enum class Fate : std::uint8_t { answer, broken_picture, wrong_mask, cancel };

constexpr bool is_poison(Fate fate) { return fate == Fate::broken_picture || fate == Fate::wrong_mask; }

/// One request of the mix.
struct Choice {
  Priority priority = Priority::normal;
  Fate fate = Fate::answer;
  std::size_t side = 0;                      ///< index in Mix::sides
  std::size_t picture = 0;                   ///< which of the pictures of that side
  std::uint64_t mask_seed = 0;               ///< no two are alike, but for repeated masks
  std::chrono::microseconds cancel_after{};  ///< only with Fate::cancel
};

/// Draws request `number`. Depends on its arguments alone, so that a retry sends the same bytes again.
Choice choose(const Mix& mix, std::size_t pictures_per_side, std::uint64_t seed, std::uint64_t number);

}  // namespace inpaintd::tools
