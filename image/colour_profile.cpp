// SPDX-License-Identifier: Apache-2.0
#include "image/colour_profile.h"

#include <lcms2.h>
#include <lcms2_plugin.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <opencv2/core.hpp>

#include "image/colour_conversion.h"

namespace inpaintd {
namespace {

constexpr std::size_t profile_bytes_max =
    4'000'000;  // profiles of printers have 1 to 3 MB, those of cameras 0.5 to 4 kB

// Little CMS reports a failed allocation as a profile that cannot be read.
thread_local bool memory_failed = false;

void* kept(void* memory) {
  memory_failed |= !memory;
  return memory;
}

void* take(cmsContext, cmsUInt32Number size) { return kept(std::malloc(std::max<std::size_t>(size, 1))); }
void* take_more(cmsContext, void* memory, cmsUInt32Number size) {
  return kept(std::realloc(memory, std::max<std::size_t>(size, 1)));
}
void give_back(cmsContext, void* memory) { std::free(memory); }

// A context is used by one thread, and Little CMS 2.14 uses a mutex for which memory ran out.
void* no_mutex(cmsContext context) { return context; }
void drop_mutex(cmsContext, void*) {}
cmsBool lock(cmsContext, void*) { return TRUE; }
void unlock(cmsContext, void*) {}

template <class T, auto close>
struct Closed {
  void operator()(T* handle) const { close(handle); }
};
using Context =
    std::unique_ptr<std::remove_pointer_t<cmsContext>, Closed<std::remove_pointer_t<cmsContext>, cmsDeleteContext>>;
using Profile = std::unique_ptr<void, Closed<void, cmsCloseProfile>>;
using Curve = std::unique_ptr<cmsToneCurve, Closed<cmsToneCurve, cmsFreeToneCurve>>;

void check_memory() {
  if (memory_failed) throw std::bad_alloc();
}

Context new_context() {
  memory_failed = false;
  constexpr cmsUInt32Number version = 2060;
  cmsPluginMutex mutex{};
  mutex.base = {cmsPluginMagicNumber, version, cmsPluginMutexSig, nullptr};
  mutex.CreateMutexPtr = no_mutex;
  mutex.DestroyMutexPtr = drop_mutex;
  mutex.LockMutexPtr = lock;
  mutex.UnlockMutexPtr = unlock;
  cmsPluginMemHandler memory{};
  memory.base = {cmsPluginMagicNumber, version, cmsPluginMemHandlerSig, &mutex.base};
  memory.MallocPtr = take;
  memory.FreePtr = give_back;
  memory.ReallocPtr = take_more;
  Context context(cmsCreateContext(&memory, nullptr));
  check_memory();
  if (!context) throw std::bad_alloc();
  return context;
}

struct Colorants {
  std::array<const cmsToneCurve*, 3> curves{};
  cv::Matx33d to_xyz;  // D50
};

/// The curves and the matrix of a profile; the curves belong to the profile.
std::optional<Colorants> colorants_of(cmsHPROFILE profile) {
  const auto curve = [&](cmsTagSignature tag) { return static_cast<const cmsToneCurve*>(cmsReadTag(profile, tag)); };
  Colorants result;
  const auto space = cmsGetColorSpace(profile);
  if (space == cmsSigGrayData) {
    result.curves.fill(curve(cmsSigGrayTRCTag));
  } else if (space == cmsSigRgbData) {
    result.curves = {curve(cmsSigRedTRCTag), curve(cmsSigGreenTRCTag), curve(cmsSigBlueTRCTag)};
    constexpr std::array columns{cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag};
    for (int i = 0; i < 3; ++i) {
      const auto* xyz = static_cast<const cmsCIEXYZ*>(cmsReadTag(profile, columns[static_cast<std::size_t>(i)]));
      if (!xyz) return std::nullopt;
      result.to_xyz(0, i) = xyz->X;
      result.to_xyz(1, i) = xyz->Y;
      result.to_xyz(2, i) = xyz->Z;
    }
  }
  if (std::ranges::any_of(result.curves, [](const cmsToneCurve* each) { return !each; })) return std::nullopt;
  return result;
}

/// The linear light of samples from 0 to 1; nothing if the curve does not rise, and so has no inverse.
std::optional<std::vector<float>> samples_of(const cmsToneCurve& curve) {
  constexpr std::size_t count = 4081;  // 16 steps for each of 255, so that 8-bit samples are among them
  constexpr float rise_min = 0.5F;
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float value = cmsEvalToneCurveFloat(&curve, static_cast<float>(i) / (count - 1));
    if (!std::isfinite(value)) return std::nullopt;
    values[i] = std::clamp(value, 0.0F, 1.0F);
    if (i > 0 && values[i] < values[i - 1]) return std::nullopt;
  }
  if (values.back() - values.front() < rise_min) return std::nullopt;
  return values;
}

std::vector<float> inverse_of(const std::vector<float>& values) {
  std::vector<float> inverse(ColourSpace::encoded_size);
  const auto last = static_cast<float>(values.size() - 1);
  std::size_t at = 0;
  for (std::size_t i = 0; i < inverse.size(); ++i) {
    const float root = static_cast<float>(i) / (ColourSpace::encoded_size - 1), light = root * root;
    while (at + 1 < values.size() && values[at + 1] < light) ++at;
    if (at + 1 == values.size()) {
      inverse[i] = 1;
      continue;
    }
    const float step = values[at + 1] - values[at];
    const float part = step > 0 ? std::clamp((light - values[at]) / step, 0.0F, 1.0F) : 0.0F;
    inverse[i] = (static_cast<float>(at) + part) / last;
  }
  return inverse;
}

/// The matrix of sRGB for the white point D50, by the ICC's adaptation (IEC 61966-2-1, Bradford).
const cv::Matx33d& srgb_to_xyz() {
  static const cv::Matx33d matrix(0.43607, 0.38515, 0.14307, 0.22249, 0.71687, 0.06061, 0.01392, 0.09708, 0.71410);
  return matrix;
}

ColourSpace::Matrix as_floats(const cv::Matx33d& matrix) {
  ColourSpace::Matrix result;
  std::transform(matrix.val, matrix.val + 9, result.begin(), [](double value) { return static_cast<float>(value); });
  return result;
}

/// Sets the matrices; false if the primaries span no colours.
bool set_matrices(ColourSpace& space, const cv::Matx33d& to_xyz) {
  constexpr double entry_max = 100;
  const auto usable = [](const cv::Matx33d& matrix) {
    return std::all_of(matrix.val, matrix.val + 9,
                       [](double value) { return std::isfinite(value) && std::abs(value) < entry_max; });
  };
  bool invertible = false;
  const cv::Matx33d to_srgb = srgb_to_xyz().inv() * to_xyz, from_srgb = to_srgb.inv(cv::DECOMP_LU, &invertible);
  if (!invertible || !usable(to_srgb) || !usable(from_srgb)) return false;
  space.to_srgb = as_floats(to_srgb);
  space.from_srgb = as_floats(from_srgb);
  return true;
}

std::shared_ptr<const ColourSpace> space_of(const Colorants& colorants, bool grey) {
  auto space = std::make_shared<ColourSpace>();
  for (std::size_t c = 0; c < 3; ++c) {
    const auto values = samples_of(*colorants.curves[c]);
    if (!values) return nullptr;
    for (std::size_t i = 0; i < space->linear[c].size(); ++i) space->linear[c][i] = (*values)[16 * i];
    space->encoded[c] = inverse_of(*values);
  }
  if (!set_matrices(*space, grey ? srgb_to_xyz() : colorants.to_xyz) || is_like_srgb(*space)) return nullptr;
  return space;
}

}  // namespace

std::shared_ptr<const ColourSpace> colour_space_of(const std::string& icc) {
  if (icc.empty() || icc.size() > profile_bytes_max) return nullptr;
  const Context context = new_context();
  const Profile profile(cmsOpenProfileFromMemTHR(context.get(), icc.data(), static_cast<cmsUInt32Number>(icc.size())));
  check_memory();
  if (!profile) return nullptr;
  const auto colorants = colorants_of(profile.get());
  check_memory();
  if (!colorants) return nullptr;
  return space_of(*colorants, cmsGetColorSpace(profile.get()) == cmsSigGrayData);
}

std::string profile_with(const Primaries& primaries) {
  const Context context = new_context();
  const auto point = [](const Primaries::Point& at) { return cmsCIExyY{at.x, at.y, 1}; };
  const cmsCIExyY white = point(primaries.white);
  const cmsCIExyYTRIPLE triple{point(primaries.red), point(primaries.green), point(primaries.blue)};
  constexpr cmsFloat64Number srgb[]{2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  const Curve curve(primaries.gamma ? cmsBuildGamma(context.get(), *primaries.gamma)
                                    : cmsBuildParametricToneCurve(context.get(), 4, srgb));
  check_memory();
  cmsToneCurve* curves[]{curve.get(), curve.get(), curve.get()};
  const Profile profile(curve ? cmsCreateRGBProfileTHR(context.get(), &white, &triple, curves) : nullptr);
  check_memory();
  cmsUInt32Number size = 0;
  const bool measured = profile && cmsSaveProfileToMem(profile.get(), nullptr, &size);
  check_memory();
  if (!measured) return {};
  std::string bytes(size, '\0');
  const bool saved = cmsSaveProfileToMem(profile.get(), bytes.data(), &size);
  check_memory();
  constexpr std::size_t date_at = 24, date_bytes = 12;
  constexpr std::string_view date("\x07\xD0\0\x01\0\x01\0\0\0\0\0\0",
                                  date_bytes);  // 2000-01-01: equal bytes every time
  if (!saved || bytes.size() < date_at + date_bytes) return {};
  return bytes.replace(date_at, date_bytes, date);
}

}  // namespace inpaintd
