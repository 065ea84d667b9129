const form = document.querySelector('#open-room');
const word = () => Math.random().toString(36).slice(2, 6);
form.elements.room.value = `${word()}-${word()}-${word()}`;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const query = form.elements['waiting-room'].checked ? '?waiting-room' : '';
  location.href = `/r/${form.elements.room.value}${query}`;
});
