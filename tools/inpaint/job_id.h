// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/request.h"

namespace inpaintd::tools {

inline constexpr std::size_t job_digest_digits = 32;
/// Longest owner whose ids are valid_job_id().
inline constexpr std::size_t owner_bytes_max = id_bytes_max - 1 - job_digest_digits;

/// Whether `owner` can be the first part of a job's id: letters, digits, _ and -.
constexpr bool valid_owner(std::string_view owner) {
  return valid_id(owner) && owner.size() <= owner_bytes_max && owner.find_first_of(".:") == std::string_view::npos;
}

/// The id OWNER.DIGEST of the durable job that fills this picture, the same on every machine. DIGEST is the beginning
/// of the hexadecimal SHA-256 of the request message that has the files of picture and mask, and these options.
std::string job_id(std::string_view owner, Bytes image, Bytes mask, const Options& options);

}  // namespace inpaintd::tools
