// Folders for an uploader of files: dropped on it, or chosen with a button. Only the files that a model is made of are
// sent, and each is called by its path in the folder, written so that no browser or server cuts it off.

const PREFIX = "folder:";

// All files in a dropped entry, each with its path.
async function filesIn(entry, path) {
  const here = path ? `${path}/${entry.name}` : entry.name;
  if (entry.isFile) {
    return [{ path: here, file: await new Promise((done, failed) => entry.file(done, failed)) }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A browser hands out a hundred entries at a time.
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const each of some) found.push(...(await filesIn(each, here)));
  }
}

function isWanted(path, options) {
  const name = path.split("/").pop();
  return options.texts.includes(name) || options.networks.some((ending) => name.toLowerCase().endsWith(ending));
}

export function mount(element, options, emit) {
  const uploader = document.getElementById(options.uploader);
  const button = document.getElementById(options.button);
  const input = document.createElement("input");
  Object.assign(input, { type: "file", multiple: true, webkitdirectory: true, hidden: true });
  input.dataset.folder = "";
  element.append(input);

  function send(files) {
    const wanted = files.filter(({ path }) => isWanted(path, options));
    emit("folder", { files: wanted.length, others: files.length - wanted.length });
    if (!wanted.length) return;
    const named = wanted.map(({ path, file }) => new File([file], PREFIX + encodeURIComponent(path)));
    getElement(options.element).$refs.qRef.addFiles(named);
  }

  function choose() {
    input.click();
  }

  function chosen() {
    send([...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
    input.value = "";
  }

  // Before the uploader's own handler, which takes a folder for a file.
  async function drop(event) {
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.some((entry) => entry.isDirectory)) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.dispatchEvent(new DragEvent("dragleave", { bubbles: true, cancelable: true }));
    const files = [];
    for (const entry of entries) files.push(...(await filesIn(entry, "")));
    send(files);
  }

  input.addEventListener("change", chosen);
  button.addEventListener("click", choose);
  uploader.addEventListener("drop", drop, true);
  return {
    destroy() {
      button.removeEventListener("click", choose);
      uploader.removeEventListener("drop", drop, true);
    },
  };
}
