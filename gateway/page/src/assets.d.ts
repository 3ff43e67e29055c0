// SPDX-License-Identifier: Apache-2.0
// Files that Vite copies beside the page; an import of one is its URL.
declare module "*.jpg" {
  const url: string;
  export default url;
}
declare module "*.css";
