// SPDX-License-Identifier: Apache-2.0
#include "models/files/tensor_file.h"

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/result.h"
#include "models/files/onnx.h"
#include "models/files/safetensors.h"
#include "models/files/torch_archive.h"

namespace inpaintd {
namespace {

std::ifstream open_file(const std::string& path, std::ios::openmode mode = {}) {
  if (std::filesystem::is_directory(path)) throw std::runtime_error("the path is a folder; name a file");
  std::ifstream file(path, std::ios::binary | mode);
  if (!file) throw std::runtime_error("the file cannot be opened; check the path and the permissions");
  return file;
}

std::vector<char> read_file(const std::string& path) {
  std::ifstream file = open_file(path, std::ios::ate);
  std::vector<char> bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error("the file cannot be read to its end");
  return bytes;
}

std::string first_bytes(const std::string& path) {
  std::ifstream file = open_file(path);
  std::string bytes(9, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

template <class T>
T or_throw(Result<T, std::string> result) {
  if (!result) throw std::runtime_error(result.error());
  return *std::move(result);
}

bool is_safetensors(const std::string& start) { return start.size() == 9 && start[8] == '{'; }

NamedTensors only(NamedTensors tensors, const std::function<bool(const std::string&)>& wanted) {
  std::erase_if(tensors, [&](const auto& each) { return !wanted(each.first); });
  return tensors;
}

}  // namespace

NamedTensors read_tensors(const std::string& path, const std::function<bool(const std::string&)>& wanted) {
  const std::string start = first_bytes(path);
  if (start.starts_with("PK")) return or_throw(read_torch_archive(path, wanted));
  if (start.starts_with("\x80\x02"))
    throw std::runtime_error(
        "the file was saved in the format of PyTorch before 1.6; convert it in Python: "
        "torch.save(torch.load(path, map_location='cpu')['state_dict'], new_path), without ['state_dict'] if the file "
        "holds the state dict itself");
  const bool safetensors = is_safetensors(start);
  if (safetensors || is_onnx(std::as_bytes(std::span(start)))) {
    const auto bytes = read_file(path);
    const auto view = std::as_bytes(std::span(bytes));
    return only(or_throw(safetensors ? read_safetensors(view) : read_onnx(view)), wanted);
  }
  throw std::runtime_error(
      "the file is none of these: a TorchScript file, a state dict saved by torch.save, a safetensors file, an ONNX "
      "file");
}

std::map<std::string, std::string> read_metadata(const std::string& path) {
  if (!is_safetensors(first_bytes(path))) return {};
  const auto bytes = read_file(path);
  return or_throw(read_safetensors_metadata(std::as_bytes(std::span(bytes))));
}

}  // namespace inpaintd
