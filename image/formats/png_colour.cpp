// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <optional>

#include "image/colour_profile.h"
#include "image/formats/formats.h"
#include "image/formats/png_chunks.h"

namespace inpaintd {
namespace {

constexpr double unit = 100'000;  // gAMA and cHRM store numbers times 100000

double number_at(Bytes data, std::size_t index) { return png_number(data, 4 * index) / unit; }

bool is_near(const Primaries::Point& a, const Primaries::Point& b) {
  constexpr double rounding = 0.002;
  return std::abs(a.x - b.x) < rounding && std::abs(a.y - b.y) < rounding;
}

bool is_srgb(const Primaries& given) {
  const Primaries srgb;
  return !given.gamma && is_near(given.white, srgb.white) && is_near(given.red, srgb.red) &&
         is_near(given.green, srgb.green) && is_near(given.blue, srgb.blue);
}

std::string profile_unless_srgb(const Primaries& primaries) {
  return is_srgb(primaries) ? std::string() : profile_with(primaries);
}

/// The primaries and curve of a cICP chunk by the codes of ITU-T H.273, with RGB of full range; nothing for other
/// codes, among them those of high dynamic range (PQ, HLG).
std::optional<Primaries> code_points_of(Bytes data) {
  if (data.size() != 4 || data[2] != 0 || data[3] != 1) return std::nullopt;
  Primaries result;
  switch (data[0]) {
    case 1:  // BT.709
      break;
    case 9:  // BT.2020
      result.red = {0.708, 0.292};
      result.green = {0.170, 0.797};
      result.blue = {0.131, 0.046};
      break;
    case 12:  // Display P3
      result.red = {0.680, 0.320};
      result.green = {0.265, 0.690};
      break;
    default:
      return std::nullopt;
  }
  switch (data[1]) {
    case 13:  // sRGB
      return result;
    case 4:
      result.gamma = 2.2;
      return result;
    case 5:
      result.gamma = 2.8;
      return result;
    case 8:
      result.gamma = 1.0;
      return result;
    default:
      return std::nullopt;
  }
}

/// The primaries and curve of gAMA and cHRM. A gamma within 5 % of 1 / 2.2 stands for the curve of sRGB, as in the
/// files of most programs.
Primaries approximation_of(Bytes gamma, Bytes chromaticities) {
  constexpr double usual = 1 / 2.2, tolerance = 0.05;
  Primaries result;
  if (gamma.size() == 4)
    if (const double value = number_at(gamma, 0); value > 0 && std::abs(value / usual - 1) > tolerance)
      result.gamma = 1 / value;
  if (chromaticities.size() != 32) return result;
  Primaries::Point* const points[]{&result.white, &result.red, &result.green, &result.blue};
  for (std::size_t i = 0; i < 4; ++i)
    *points[i] = {number_at(chromaticities, 2 * i), number_at(chromaticities, 2 * i + 1)};
  return result;
}

}  // namespace

std::string png_profile(Bytes file, std::string iccp) {
  const auto chunks = png_chunks(file);
  if (const auto primaries = code_points_of(png_chunk(chunks, "cICP"))) return profile_unless_srgb(*primaries);
  if (!iccp.empty() || !png_chunk(chunks, "sRGB").empty()) return iccp;
  return profile_unless_srgb(approximation_of(png_chunk(chunks, "gAMA"), png_chunk(chunks, "cHRM")));
}

}  // namespace inpaintd
