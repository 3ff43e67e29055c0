// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "core/request.h"

struct evp_md_ctx_st;

namespace inpaintd {

/// A SHA-256 hash of bytes that arrive in parts.
class Sha256 {
 public:
  Sha256();
  void add(Bytes bytes);
  /// The hash of all bytes. The object takes no more.
  [[nodiscard]] std::array<std::uint8_t, 32> finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// The hash of `bytes` as 64 hexadecimal digits.
std::string sha256_hex(Bytes bytes);

}  // namespace inpaintd
