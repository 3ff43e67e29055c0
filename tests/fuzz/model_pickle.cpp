// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "models/files/pickle.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pickles.h"

/// Pickles as PyTorch writes them: pickle::Document.
namespace inpaintd::fuzz {

std::vector<std::string> seeds() { return pickles(); }

void run(Bytes input) {
  try {
    const pickle::Document document(text_of(input));
    if (const auto* view = std::get_if<pickle::TensorView>(&document.root()))
      require(view->shape.size() <= input.size() && view->strides.size() <= input.size(),
              "a tensor's shape comes from the file");
  } catch (const std::runtime_error& refusal) {
    require(std::string_view(refusal.what()).starts_with("the pickle "), "a broken pickle is refused in words");
  }
}

}  // namespace inpaintd::fuzz
