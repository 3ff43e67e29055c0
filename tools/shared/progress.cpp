// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace inpaintd::tools {
namespace {

double seconds(std::chrono::duration<double> time) { return time.count(); }

std::string draw_bar(double part) {
  constexpr int width = 30;
  const int filled = static_cast<int>(width * std::clamp(part, 0.0, 1.0));
  return fmt::format("[{:#<{}}{:.<{}}]  ", "", filled, "", width - filled);
}

struct Describe {
  std::string operator()(const wire::Queued& queued) const {
    const std::string text = queued.position == 0 ? "queued, next" : fmt::format("queued, {} ahead", queued.position);
    if (queued.eta.count() <= 0) return text;
    return fmt::format("{}, about {:.{}f} s", text, seconds(queued.eta), queued.eta < std::chrono::seconds(1) ? 1 : 0);
  }
  std::string operator()(const wire::Running& running) const {
    return fmt::format("running in a batch of {} on {}", running.batch_size, running.device);
  }
  std::string operator()(const wire::Done& done) const {
    return fmt::format("done in {:.2f} s", seconds(done.timings.total));
  }
  std::string operator()(const wire::Failed& failed) const { return "failed: " + failed.error.message; }
};

}  // namespace

std::string describe_progress(const wire::Reply& reply) { return std::visit(Describe{}, reply); }

std::string describe_retry(std::string_view code, std::chrono::milliseconds wait) {
  return fmt::format("{}, next attempt in {:.1f} s", code, seconds(wait));
}

std::string progress_bar(const Tally& tally, std::chrono::milliseconds elapsed) {
  const double part = tally.total == 0 ? 1 : static_cast<double>(tally.settled()) / static_cast<double>(tally.total);
  std::string text = fmt::format("{}{}/{}", draw_bar(part), tally.settled(), tally.total);
  if (elapsed.count() > 0)
    text += fmt::format("  {:.1f}/s", static_cast<double>(tally.done + tally.failed) / seconds(elapsed));
  if (tally.failed > 0) text += fmt::format("  {} failed", tally.failed);
  return text;
}

std::string load_bar(Microseconds elapsed, Microseconds total, std::size_t sent, std::size_t ok, std::size_t failed) {
  return fmt::format("{}{:.0f}/{:.0f} s  {} sent, {} ok, {} failed, {} open",
                     draw_bar(seconds(elapsed) / seconds(total)), seconds(elapsed), seconds(total), sent, ok, failed,
                     sent - ok - failed);
}

std::string summary(const Tally& tally, std::chrono::milliseconds elapsed) {
  std::string text = fmt::format("{} done", tally.done);
  const auto add = [&text](std::size_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", count, what);
  };
  add(tally.empty_masks, "of them with an empty mask");
  add(tally.skipped, "already there");
  add(tally.failed, "failed");
  add(tally.without_mask, "without a mask");
  add(tally.total - tally.settled(), "not tried");
  add(tally.left_out, "left out");
  return text + fmt::format(", in {:.1f} s", seconds(elapsed));
}

}  // namespace inpaintd::tools
