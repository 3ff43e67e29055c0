// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/worker_process.h"

#include <signal.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/support/eventually.h"
#include "tests/support/http_get.h"

namespace inpaintd::test {

WorkerProcess::WorkerProcess(const std::string& servers, const std::vector<std::string>& settings) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "inpaintd";
  std::vector<std::string> command{program.string(), "--server", servers};
  for (const std::string setting : {"model.engine=null", "model.devices=cpu", "http.listen=127.0.0.1:0"})
    command.insert(command.end(), {"--set", setting});
  for (const std::string& setting : settings) command.insert(command.end(), {"--set", setting});
  process_ = start_process(command, directory_.path() / "log");
  const bool serves =
      eventually([&] { return process_->ended() || log().find("serving inpaint.v1.run") != std::string::npos; });
  if (!serves || process_->ended()) throw std::runtime_error("inpaintd did not start; its log:\n" + log());
}

std::string WorkerProcess::log() const { return contents(directory_.path() / "log"); }

int WorkerProcess::http_port() const {
  const std::string text = log(), before = "probes on port ";
  const std::size_t found = text.find(before);
  return found == std::string::npos ? 0 : std::atoi(text.c_str() + found + before.size());
}

double WorkerProcess::metric(const std::string& name) const {
  return metric_in(http(http_port(), "/metrics").body, name);
}

PausedWorker::PausedWorker(WorkerProcess& worker) : process_(worker.process()) { process_.signal(SIGSTOP); }

void PausedWorker::resume() { process_.signal(SIGCONT); }

double metric_in(const std::string& metrics, const std::string& name) {
  const std::size_t found = ("\n" + metrics).find("\n" + name + " ");
  return found == std::string::npos ? -1 : std::atof(metrics.c_str() + found + name.size());
}

}  // namespace inpaintd::test
