// Moves a line over the strip of a shared clip while it plays; a click on the strip plays from there, space plays and stops.
{
  const strip = document.getElementById("strip");
  const head = document.getElementById("head");
  const sound = document.getElementById("sound");
  const length = Number(strip.dataset.length);
  const { width } = strip.viewBox.baseVal;

  const follow = () => {
    const x = Math.min(1, sound.currentTime / length) * width;
    head.setAttribute("x1", x);
    head.setAttribute("x2", x);
    head.setAttribute("visibility", "visible");
    if (!sound.paused) requestAnimationFrame(follow);
  };
  const toggle = () => (sound.paused ? sound.play() : sound.pause());

  for (const name of ["play", "pause", "seeked", "ended"]) sound.addEventListener(name, follow);
  strip.addEventListener("click", (event) => {
    const { left, width: shown } = strip.getBoundingClientRect();
    sound.currentTime = Math.max(0, Math.min(1, (event.clientX - left) / shown)) * length;
    sound.play();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target === sound) return;
    event.preventDefault();
    toggle();
  });
}
