// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace inpaintd::test {

/// A socket that is connected to a port of 127.0.0.1; -1 when nobody listens there.
int connect_to_loopback(int port);

}  // namespace inpaintd::test
