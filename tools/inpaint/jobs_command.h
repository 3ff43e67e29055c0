// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace inpaintd::tools {

/// `inpaint jobs ...`: lists durable jobs, and shows, awaits, cancels, retries and fetches them. `argv[0]` is "jobs".
/// Returns the exit code.
int run_jobs_command(int argc, char** argv);

}  // namespace inpaintd::tools
