"""For each rule the lines that are wrong, and better ones: for the documentation."""

from __future__ import annotations

from typing import Final

Lines = tuple[str, ...]
EXAMPLES: Final[dict[str, tuple[Lines, Lines]]] = {
    "D01": (("labels = self.encoder(x).argmax(-1)", "loss = mse(self.decoder(one_hot(labels)), x)"), ("weights = self.encoder(x).softmax(-1)",)),
    "D02": (("layers = [nn.Linear(64, 64), nn.Sigmoid()] * 10",), ("layers = [nn.Linear(64, 64), nn.SiLU()] * 10", 'nonlin.init_(model, "silu")')),
    "D03": (("nn.init.constant_(conv.bias, -4.6)  # a prior for the output, put on hidden layers too",), ("nn.init.zeros_(conv.bias)",)),
    "D04": (("h = torch.sigmoid(self.hidden(prices_in_dollars))",), ("h = torch.sigmoid(self.hidden((prices - mean) / std))",)),
    "D05": (("weights = (q @ k.mT).softmax(-1) / math.sqrt(d)",), ("weights = (q @ k.mT / math.sqrt(d)).softmax(-1)",)),
    "D06": (("nn.init.normal_(layer.weight, std=0.01)  # in each of ten layers",), ('nonlin.init_(model, "relu")',)),
    "L01": (("p = self.head(x).softmax(-1)", "loss = F.cross_entropy(p, y)"), ("loss = F.cross_entropy(self.head(x), y)",)),
    "L02": (("loss = F.cross_entropy(self.head(x).log_softmax(-1), y)",), ("loss = F.nll_loss(self.head(x).log_softmax(-1), y)",)),
    "L03": (("loss = F.nll_loss(self.head(x).softmax(-1), y)",), ("loss = F.nll_loss(self.head(x).log_softmax(-1), y)",)),
    "L04": (("logits = torch.tanh(self.head(x))", "loss = F.cross_entropy(logits, y)"), ("logits = self.head(x)",)),
    "L05": (("logits = F.relu(self.head(x))", "loss = F.cross_entropy(logits, y)"), ("logits = self.head(x)",)),
    "L06": (("p = torch.sigmoid(self.head(x))", "loss = F.binary_cross_entropy_with_logits(p, y)"),
            ("loss = F.binary_cross_entropy_with_logits(self.head(x), y)",)),
    "L07": (("loss = F.binary_cross_entropy(self.head(x), y)",), ("loss = F.binary_cross_entropy_with_logits(self.head(x), y)",)),
    "L08": (("price = torch.sigmoid(self.head(x))", "loss = F.mse_loss(price, dollars)"), ("price = self.head(x)",)),
    "L09": (("count = F.relu(self.head(x))  # all negative before",), ("count = F.softplus(self.head(x))",)),
    "L10": (("p = self.head(x).softmax(-1)", "loss = F.binary_cross_entropy(p, several_labels)"),
            ("loss = F.binary_cross_entropy_with_logits(self.head(x), several_labels)",)),
    "L11": (("p = F.softmax(self.head(x), dim=1)  # head = nn.Linear(64, 1)",), ("p = torch.sigmoid(self.head(x))",)),
    "L12": (("p = F.softmax(logits, dim=0)",), ("p = F.softmax(logits, dim=-1)",)),
    "L13": (("action = torch.tanh(1000 * self.head(x))", "loss = F.mse_loss(action, wanted)"), ("action = torch.tanh(self.head(self.norm(x)))",)),
    "N01": (("loss = -torch.log(logits.softmax(-1)).mean()",), ("loss = -logits.log_softmax(-1).mean()",)),
    "S01": (("x = self.fc2(self.fc1(x))",), ("x = self.fc2(F.relu(self.fc1(x)))",)),
    "S02": (("p = torch.sigmoid(torch.tanh(self.head(x)))",), ("p = torch.sigmoid(self.head(x))",)),
    "S03": (("x = F.relu(F.relu(x))",), ("x = F.relu(x)",)),
    "S04": (("x = F.softmax(self.fc1(x), dim=1)", "x = self.fc2(x)"), ("x = self.fc2(F.relu(self.fc1(x)))",)),
    "S05": (("y = torch.sigmoid(x)", "z = F.relu(y, inplace=True)"), ("z = F.relu(y)",)),
    "S06": (("nn.Sequential(nn.Linear(64, 64), nn.SELU(), nn.Dropout(0.1))",),
            ("nn.Sequential(nn.Linear(64, 64), nn.SELU(), nn.AlphaDropout(0.1))", 'nonlin.init_(model, "selu")')),
}  # fmt: skip
