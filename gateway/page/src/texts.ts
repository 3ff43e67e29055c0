// SPDX-License-Identifier: Apache-2.0
// Everything that the page says, in two languages.
import { computed, signal } from "@preact/signals";

const english = {
  language: "English",
  title: "Remove things from pictures",
  drop: "Drop pictures here, paste one, or choose files.",
  choose: "Choose pictures",
  example: "Try an example",
  privacy: "Pictures go to this server only, and are forgotten after a while.",
  pictures: "Pictures",
  add: "Add pictures",
  dismiss: "Dismiss this message",
  remove: "Remove this picture from the page",
  brush: "Brush",
  eraser: "Eraser",
  rectangle: "Rectangle",
  pan: "Move",
  tools: "Tools",
  more: "More",
  size: "Brush size",
  grow: "Grow",
  growHelp: "The number of pixels by which the painted area grows before it is filled",
  soften: "Soften",
  softenHelp: "The width of the soft edge in pixels",
  undo: "Undo",
  redo: "Redo",
  clear: "Clear",
  loadMask: "Load mask",
  saveMask: "Save mask",
  maskToAll: "Use this mask for all pictures",
  run: "Remove",
  runAll: "Remove in all pictures",
  atOnce: "Run after each stroke",
  cancel: "Cancel",
  retry: "Try again",
  download: "Download",
  compare: "Compare",
  original: "Show the original while held",
  fit: "Fit",
  history: "Results",
  originalPicture: "Original",
  canvas: "The picture. Paint over the things to remove. With the keyboard: the arrow keys move the brush, Enter starts and ends a stroke.",
  sending: "Sending",
  queued: (ahead: number | null, seconds: number) =>
    `Queued${ahead === null ? "" : ahead === 0 ? ", next" : `, ${ahead} ahead`}${seconds > 0 ? `, about ${seconds} s` : ""}`,
  delayed: (why: string) => `Queued again: ${why}`,
  ahead: (count: number) => (count === 0 ? "Next" : `${count} ahead`),
  inQueue: "Queued",
  inBatch: "Running",
  finished: "Done",
  failed: "Failed",
  times: (queue: number, infer: number, model: string, device: string) =>
    `${queue} ms in the queue, ${infer} ms in the network; ${model} on ${device}`,
  running: (batch: number, device: string) => `Running in a batch of ${batch} on ${device}`,
  done: (total: number, batch: number, cached: boolean) =>
    cached ? `Done in ${total} ms: the same request had been computed before` : `Done in ${total} ms, in a batch of ${batch}`,
  cancelled: "Cancelled",
  waitAndRetry: (why: string, seconds: number) => `${why} Trying again in ${seconds} s.`,
  emptyMask: "Nothing is painted yet: paint over the things to remove.",
  otherSize: (w: number, h: number) => `This mask has another size; it must be ${w} by ${h} pixels.`,
  notAPicture: (name: string) => `${name} is not a picture that this browser can show; JPEG, PNG and WebP files work.`,
  falsified: "A privacy setting of this browser falsifies the pixels that a page reads, so a mask file cannot be mixed with strokes.",
  unreachable: "The server cannot be reached. Your strokes are kept; try again.",
  lost: "The server does not know this task any more. Your strokes are kept; try again.",
  /** By the code of the error, in place of the server's own words, which are English and for programmers. */
  errors: {
    overloaded: "The service is busy.",
    deadline_exceeded: "The picture was not finished in time.",
    device_failed: "The computing device failed.",
    shutting_down: "The service is restarting.",
    no_workers: "No worker is connected to the service.",
    disconnected: "The server has lost its connection to the workers.",
    unauthorized: "This server needs an access token, which this page cannot send.",
  } as Readonly<Record<string, string>>,
  shortcuts: "Keys: B brush, E eraser, R rectangle, M move, [ and ] size, Ctrl+Z undo, Ctrl+Shift+Z redo, Ctrl+Enter remove, Esc cancel, O original, + and - zoom, 0 fit, Ctrl+S download. In the picture, the arrow keys move the brush (or the picture, with M), and Enter starts and ends a stroke. Alt or the right button erases; Shift draws straight lines.",
};

type Texts = typeof english;

const chinese: Texts = {
  language: "中文",
  title: "移除图片中的物体",
  drop: "把图片拖到这里、粘贴，或选择文件。",
  choose: "选择图片",
  example: "试用示例图片",
  privacy: "图片只发送到这台服务器，过一段时间后即被删除。",
  pictures: "图片",
  add: "添加图片",
  dismiss: "关闭此消息",
  remove: "从页面移除此图片",
  brush: "画笔",
  eraser: "橡皮",
  rectangle: "矩形",
  pan: "移动",
  tools: "工具",
  more: "更多",
  size: "画笔大小",
  grow: "扩展",
  growHelp: "填充前涂抹区域向外扩展的像素数",
  soften: "柔化",
  softenHelp: "柔和边缘的宽度（像素）",
  undo: "撤销",
  redo: "重做",
  clear: "清除",
  loadMask: "载入蒙版",
  saveMask: "保存蒙版",
  maskToAll: "将此蒙版用于所有图片",
  run: "移除",
  runAll: "处理所有图片",
  atOnce: "每笔之后立即处理",
  cancel: "取消",
  retry: "重试",
  download: "下载",
  compare: "对比",
  original: "按住显示原图",
  fit: "适合窗口",
  history: "结果",
  originalPicture: "原图",
  canvas: "图片。请涂抹要移除的部分。键盘操作：方向键移动画笔，回车键开始和结束一笔。",
  sending: "正在发送",
  queued: (ahead, seconds) =>
    `排队中${ahead === null ? "" : ahead === 0 ? "，下一个" : `，前面还有 ${ahead} 个`}${seconds > 0 ? `，约 ${seconds} 秒` : ""}`,
  delayed: () => "再次排队：服务暂时中断，将自动重试",
  ahead: (count) => (count === 0 ? "下一个" : `前面 ${count} 个`),
  inQueue: "排队中",
  inBatch: "处理中",
  finished: "完成",
  failed: "失败",
  times: (queue, infer, model, device) => `排队 ${queue} 毫秒，网络计算 ${infer} 毫秒；${model}，${device}`,
  running: (batch, device) => `正在 ${device} 上处理，同批 ${batch} 个`,
  done: (total, batch, cached) =>
    cached ? `完成，用时 ${total} 毫秒：相同的请求此前已计算过` : `完成，用时 ${total} 毫秒，同批 ${batch} 个`,
  cancelled: "已取消",
  waitAndRetry: (why, seconds) => `${why}${seconds} 秒后自动重试。`,
  emptyMask: "尚未涂抹：请涂抹要移除的部分。",
  otherSize: (w, h) => `蒙版尺寸不符，应为 ${w}×${h} 像素。`,
  notAPicture: (name) => `${name} 不是此浏览器能显示的图片；支持 JPEG、PNG 和 WebP。`,
  falsified: "此浏览器（因隐私设置）会篡改从图片读取的数据，因此蒙版文件不能与笔画混用。",
  unreachable: "无法连接服务器。笔画已保留，请重试。",
  lost: "服务器已不再保留此任务。笔画已保留，请重试。",
  errors: {
    bad_request: "服务器无法理解此请求。",
    unsupported_image: "服务器不支持此图片或蒙版的格式；请使用 JPEG、PNG 或 WebP。",
    size_mismatch: "蒙版与图片的尺寸不同。",
    too_large: "图片太大，服务器不接受；请使用较小的图片。",
    overloaded: "服务繁忙。",
    deadline_exceeded: "处理未能按时完成。",
    device_failed: "计算设备出错。",
    shutting_down: "服务正在重启。",
    internal: "服务器内部错误。",
    no_workers: "目前没有可用的处理服务。",
    disconnected: "服务器与处理服务的连接中断。",
    unauthorized: "此服务器需要访问令牌，本页面无法提供。",
    forbidden: "此服务器不允许该操作。",
    request_timeout: "上传太慢，请换用更快的网络后重试。",
  },
  shortcuts: "快捷键：B 画笔，E 橡皮，R 矩形，M 移动，[ 和 ] 大小，Ctrl+Z 撤销，Ctrl+Shift+Z 重做，Ctrl+Enter 移除，Esc 取消，O 原图，+ 和 - 缩放，0 适合窗口，Ctrl+S 下载。焦点在图片上时，方向键移动画笔（按 M 后移动图片），回车键开始和结束一笔。Alt 或右键擦除；Shift 画直线。",
};

export const tables = { en: english, zh: chinese };
export type Language = keyof typeof tables;

function preferred(): Language {
  const saved = localStorage.getItem("language");
  if (saved === "en" || saved === "zh") return saved;
  return navigator.language.startsWith("zh") ? "zh" : "en";
}

export const language = signal<Language>(preferred());
export const t = computed(() => tables[language.value]);

export function setLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem("language", chosen);
  document.documentElement.lang = chosen;
}
