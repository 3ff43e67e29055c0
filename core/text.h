// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace inpaintd {

/// The number of characters to insert, remove or replace to turn `a` into `b` (Levenshtein distance). The cost is
/// a.size() * b.size() steps: check the length of text that a client sent.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The element of `words` with the smallest edit distance to `word`; the first of several. `words` must not be empty.
std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

/// `text` without the white space at its ends.
std::string_view without_blanks(std::string_view text);

}  // namespace inpaintd
