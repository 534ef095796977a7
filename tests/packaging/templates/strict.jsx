import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { getTalkSession } from "causerie";

const options = Object.fromEntries(new URLSearchParams(location.search));
let mounts = 0;

function Profile() {
  const [name, setName] = useState("");
  useEffect(() => {
    mounts += 1;
    let gone = false;
    const user = getTalkSession(options).currentUser;
    user.createIfNotExists({ name: "Ada" });
    user.get().then((snapshot) => gone || setName(snapshot.name));
    return () => {
      gone = true;
    };
  }, []);
  useEffect(() => {
    if (name) window.result = { name, mounts };
  }, [name]);
  return <p>{name}</p>;
}

createRoot(document.body.appendChild(document.createElement("div"))).render(
  <StrictMode>
    <Profile />
  </StrictMode>,
);
