// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "core/request.h"

/// What clients send instead of msgpack and bytes, for errors that say so. Private to bus/wire/.
namespace inpaintd::wire {

/// A message that is no map: says that it is JSON or base64 text, and what to send. Nothing for other messages.
std::optional<std::string> recognise_message(Bytes message);

/// A message with too long an array: says that a key has an array of numbers instead of bytes. Nothing for other
/// messages.
std::optional<std::string> recognise_numbers(Bytes message, std::size_t array_elements_max);

/// The bytes of a picture's file: "base64 text" or "a data URL", when they are that.
std::optional<std::string> recognise_file(Bytes file);

/// The samples of a raw picture or mask that should have `wanted` bytes: "base64 text", when they are that.
std::optional<std::string> recognise_samples(Bytes samples, std::int64_t wanted);

}  // namespace inpaintd::wire
