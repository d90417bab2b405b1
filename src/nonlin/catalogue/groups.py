"""Activations that look at a group, a row or a batch: the largest of each, the sorted group, the winners alone."""

from nonlin.formula.declaration import Activation, Source

maxout = Activation(
    "maxout",
    "max(x_(k i), ..., x_(k i + k - 1))",
    title="Maxout",
    family="groups",
    kind="shape_changing",
    rule="groups",
    samples=("maxout", "maxout(k=3, dim=-1)"),
    summary="The largest of every k neighbouring channels: the units before it learn a convex function's pieces.",
    source=Source("Goodfellow, Warde-Farley, Mirza, Courville & Bengio", 2013, "Maxout Networks", arxiv="1302.4389"),
    used_in=("networks trained with dropout",),
)

# The paper sorts upwards. MaxMin and OPLU are groups of two with the larger first: the same unit up to the order of its
# outputs, which the next linear map absorbs; descending=True gives their order.
group_sort = Activation(
    "group_sort",
    "sort(x_(k i), ..., x_(k i + k - 1))",
    title="GroupSort",
    family="groups",
    kind="rowwise",
    rule="groups",
    samples=("group_sort", "group_sort(k=3, dim=-1)", "group_sort(descending=True)"),
    aliases=("maxmin", "oplu"),
    summary="Sorts every k neighbouring channels: a permutation, so that no norm shrinks.",
    source=Source("Anil, Lucas & Grosse", 2018, "Sorting Out Lipschitz Function Approximation", arxiv="1811.05381"),
    used_in=("networks with a bounded Lipschitz constant",),
)

lwta = Activation(
    "lwta",
    "x_i where it is the largest of its group of k, else 0",
    title="LWTA",
    family="groups",
    kind="rowwise",
    rule="groups",
    samples=("lwta", "lwta(k=3, dim=-1)"),
    aliases=("local_winner_take_all",),
    summary="Of every k neighbouring channels the largest stays and the others become 0.",
    source=Source("Srivastava, Masci, Kazerounian, Gomez & Schmidhuber", 2013, "Compete to Compute"),
)

# TopK: of a row here; of a whole batch is batch_topk. Sparse autoencoders (Gao et al. 2024, arXiv:2406.04093) apply ReLU
# as well.
topk = Activation(
    "topk",
    "x_i where it is among the k largest of its row, else 0",
    title="TopK",
    family="groups",
    kind="rowwise",
    rule="groups",
    samples=("topk(2)", "topk(k=3, dim=1)"),
    aliases=("k_wta", "k_winners_take_all"),
    summary="The k largest numbers of each row stay and the others become 0.",
    source=Source(
        "Xiao, Zhong & Zheng", 2019, "Enhancing Adversarial Defense by k-Winners-Take-All", arxiv="1905.10510"
    ),
    used_in=("sparse autoencoders of language models",),
)

batch_topk = Activation(
    "batch_topk",
    "x_ij where it is among the B k largest of a batch of B rows, else 0",
    title="BatchTopK",
    family="groups",
    kind="rowwise",
    rule="groups",
    samples=("batch_topk(2)", "batch_topk(k=3, dim=1)"),
    summary="The largest numbers of the whole batch stay, k a row on average, and the others become 0.",
    source=Source("Bussmann, Leask & Nanda", 2024, "BatchTopK Sparse Autoencoders", arxiv="2412.06410"),
    used_in=("sparse autoencoders of language models",),
)

squash = Activation(
    "squash",
    "|x|^2 / (1 + |x|^2) * x / |x|",
    title="Squash",
    family="groups",
    kind="rowwise",
    rule="groups",
    samples=("squash", "squash(dim=1)"),
    aliases=("capsule_squash",),
    summary="Shrinks every vector to a length below 1 and keeps its direction: the length can say how likely a thing is.",
    source=Source("Sabour, Frosst & Hinton", 2017, "Dynamic Routing Between Capsules", arxiv="1710.09829"),
    used_in=("capsule networks",),
)
