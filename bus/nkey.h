// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace inpaintd {

/// The public key (`U...`, 56 characters) of a user's NKey seed (`SU...`, 58 characters). nats.c needs both.
/// Errors: internal; the seed itself is never part of the message.
Result<std::string> nkey_public_key(std::string_view seed);

/// The first user seed in a file, as `nk -gen user` writes it. Errors: internal, which names the file.
Result<std::string> read_nkey_seed(const std::string& file);

}  // namespace inpaintd
