// Sets the theme before the first paint, so that nothing flashes.
try {
  document.documentElement.dataset.theme = JSON.parse(localStorage.getItem("cantina.theme") || '"system"');
} catch {
  document.documentElement.dataset.theme = "system";
}
