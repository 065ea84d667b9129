const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 3000;

/** The line to the server: comes back by itself, and introduces itself each time it does. */
export class RoomSocket {
  #url;
  #socket = null;
  #isClosed = false;
  #delayMs = FIRST_DELAY_MS;

  constructor({ url, introduce, onMessage, onConnection }) {
    this.#url = url;
    this.introduce = introduce;
    this.onMessage = onMessage;
    this.onConnection = onConnection;
    this.#connect();
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close() {
    this.#isClosed = true;
    this.#socket?.close();
  }

  #connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#delayMs = FIRST_DELAY_MS;
      this.send(this.introduce());
      this.onConnection('ok');
    };
    socket.onmessage = ({ data }) => this.onMessage(JSON.parse(data));
    socket.onclose = () => {
      if (this.#isClosed) return;
      this.onConnection('lost');
      setTimeout(() => !this.#isClosed && this.#connect(), this.#delayMs);
      this.#delayMs = Math.min(this.#delayMs * 2, LONGEST_DELAY_MS);
    };
  }
}
