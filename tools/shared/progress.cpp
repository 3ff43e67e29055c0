// SPDX-License-Identifier: Apache-2.0
#include "tools/shared/progress.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace inpaintd::tools {
namespace {

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return std::move(text).str();
}

double seconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000.0; }

std::string draw_bar(double part) {
  constexpr std::size_t width = 30;
  const auto filled = static_cast<std::size_t>(static_cast<double>(width) * std::clamp(part, 0.0, 1.0));
  return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "]  ";
}

struct Describe {
  std::string operator()(const wire::Queued& queued) const {
    std::string text = queued.position == 0 ? "queued, next" : "queued, " + std::to_string(queued.position) + " ahead";
    if (queued.eta.count() <= 0) return text;
    return text + ", about " + fixed(seconds(queued.eta), queued.eta < std::chrono::seconds(1) ? 1 : 0) + " s";
  }
  std::string operator()(const wire::Running& running) const {
    return "running in a batch of " + std::to_string(running.batch_size) + " on " + running.device;
  }
  std::string operator()(const wire::Done& done) const {
    return "done in " + fixed(static_cast<double>(done.timings.total.count()) / 1e6, 2) + " s";
  }
  std::string operator()(const wire::Failed& failed) const { return "failed: " + failed.error.message; }
};

}  // namespace

std::string describe_progress(const wire::Reply& reply) { return std::visit(Describe{}, reply); }

std::string describe_retry(const Error& error, std::chrono::milliseconds wait) {
  return std::string(info(error.code).name) + ", trying again in " + fixed(seconds(wait), 1) + " s";
}

std::string progress_bar(const Tally& tally, std::chrono::milliseconds elapsed) {
  const double part = tally.total == 0 ? 1 : static_cast<double>(tally.settled()) / static_cast<double>(tally.total);
  const std::size_t ran = tally.done + tally.failed;
  std::string text = draw_bar(part) + std::to_string(tally.settled()) + "/" + std::to_string(tally.total);
  if (elapsed.count() > 0) text += "  " + fixed(static_cast<double>(ran) / seconds(elapsed), 1) + "/s";
  if (tally.failed > 0) text += "  " + std::to_string(tally.failed) + " failed";
  return text;
}

std::string load_bar(Microseconds elapsed, Microseconds total, std::size_t sent, std::size_t ok, std::size_t failed) {
  const auto count_s = [](Microseconds time) { return static_cast<double>(time.count()) / 1e6; };
  return draw_bar(count_s(elapsed) / count_s(total)) + fixed(count_s(elapsed), 0) + "/" + fixed(count_s(total), 0) +
         " s  " + std::to_string(sent) + " sent, " + std::to_string(ok) + " ok, " + std::to_string(failed) +
         " failed, " + std::to_string(sent - ok - failed) + " open";
}

std::string summary(const Tally& tally, std::chrono::milliseconds elapsed) {
  std::string text = std::to_string(tally.done) + " done";
  const auto add = [&text](std::size_t count, const std::string& what) {
    if (count > 0) text += ", " + std::to_string(count) + " " + what;
  };
  add(tally.skipped, "already there");
  add(tally.failed, "failed");
  add(tally.without_mask, "without a mask");
  add(tally.total - tally.settled(), "not tried");
  return text + ", in " + fixed(seconds(elapsed), 1) + " s";
}

}  // namespace inpaintd::tools
