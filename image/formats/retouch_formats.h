// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "image/retouch.h"

/// The ways to change a part of a file, each in the file of its library. Internal to image/.
namespace inpaintd {

/// Why a file cannot be changed in a part; it is encoded anew then. A clause such as "it is arithmetic-coded".
struct NotRetouched {
  std::string reason;
};

/// Changes the blocks of a JPEG file in which holes lie, and copies everything else. `work.file` is the JPEG file, the
/// picture has its coefficients unless there is no hole, and the answer has its coding. Errors, as exceptions:
/// overloaded (not enough memory).
std::variant<Retouched, NotRetouched> retouch_jpeg(const Retouch& work);

}  // namespace inpaintd
