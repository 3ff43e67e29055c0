// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bus/connection.h"

namespace inpaintd::test {

/// A message as a subscription would hand it out, without a server.
Message make_message(const std::string& subject, const std::string& reply, const std::string& data);

}  // namespace inpaintd::test
