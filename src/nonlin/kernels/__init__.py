"""How a formula runs: terms, their composite in torch operations, autograd, and the path that a call takes."""
