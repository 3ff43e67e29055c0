// SPDX-License-Identifier: Apache-2.0
#include "gateway/tasks/random_id.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace inpaintd::gateway {

std::string random_id() {
  std::array<std::uint64_t, 2> bits{};
  ssize_t got = 0;
  do got = getrandom(bits.data(), sizeof bits, 0);
  while (got < 0 && errno == EINTR);
  if (got != sizeof bits) throw std::runtime_error("the system gives no random numbers");
  return fmt::format("{:016x}{:016x}", bits[0], bits[1]);
}

std::string log_name(std::string_view id) { return fmt::format("{:08x}", hash(id) & 0xffffffff); }

}  // namespace inpaintd::gateway
